"""config, doctor, completion: house-keeping."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

import click
from click.shell_completion import get_completion_class

from refbase import __version__
from refbase.cli import settings
from refbase.cli.session import Session, echo_json

_PACKAGES = ("sqlmodel", "sqlalchemy", "alembic", "psycopg")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_obj
def config(session: Session, as_json: bool) -> None:
    """Show the settings, and where each comes from.

    Settings are read from the environment, then from config.toml. A secret is never shown, only
    whether it is set.

    \b
    Examples:
      refbase config
      REFBASE_DB=mine.db refbase config --json
    """
    found = settings.load()
    if session.db:
        found["db"] = settings.Setting(session.db, "--db")
    shown = {
        key: settings.Setting("(set)", setting.origin)
        if key in settings.SECRET and setting.value
        else setting
        for key, setting in found.items()
    }
    if as_json:
        echo_json({key: {"value": s.value, "origin": s.origin} for key, s in shown.items()})
        return
    click.echo(f"# {settings.config_file()}")
    for key, setting in shown.items():
        click.echo(f"{key:21} {setting.value or '(not set)'}  ({setting.origin})")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_obj
def doctor(session: Session, as_json: bool) -> int:
    """Examine the database and the installation.

    Looks whether the database is whole, of this version, and says the same when every reference
    is computed again from its records. Exit code 1 if there is something to mend.

    \b
    Examples:
      refbase doctor
      refbase --db mine.db doctor --json
    """
    with session.store() as store:
        findings = store.check()
        counts = store.counts()
    if as_json:
        echo_json(
            {
                "refbase": __version__,
                "python": platform.python_version(),
                "packages": _packages(),
                "database": store.name,
                "counts": counts,
                "findings": [
                    {"severity": f.severity, "code": f.code, "message": f.message} for f in findings
                ],
            }
        )
        return 1 if findings else 0
    click.echo(f"refbase {__version__}, Python {platform.python_version()}")
    click.echo(", ".join(f"{name} {number}" for name, number in _packages().items()))
    click.echo(f"{store.name}: " + ", ".join(f"{what} {n}" for what, n in counts.items()))
    session.report(findings)
    click.echo("nothing to mend" if not findings else f"{len(findings)} to mend")
    return 1 if findings else 0


def _packages() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell.

    \b
    Examples:
      refbase completion bash > ~/.local/share/bash-completion/completions/refbase
      refbase completion zsh > "${fpath[1]}/_refbase"
      refbase completion fish > ~/.config/fish/completions/refbase.fish
    """
    maker = get_completion_class(shell)
    assert maker is not None
    root = ctx.find_root().command
    click.echo(maker(root, {}, "refbase", "_REFBASE_COMPLETE").source())
