"""Run a command and write down what it took: wall, CPU seconds, greatest memory in KB, exit code.

    python -S measured.py REPORT COMMAND...

A process of its own, because a new process counts the memory of the one that it was forked from.
"""

import json
import os
import sys
import time


def main() -> None:
    report, *command = sys.argv[1:]
    start = time.perf_counter()
    child = os.fork()
    if not child:
        os.execvp(command[0], command)
    _, status, used = os.wait4(child, 0)
    wall = time.perf_counter() - start
    figures = [
        wall,
        used.ru_utime + used.ru_stime,
        used.ru_maxrss,
        os.waitstatus_to_exitcode(status),
    ]
    with open(report, "w") as stream:  # noqa: PTH123
        json.dump(figures, stream)


if __name__ == "__main__":
    main()
