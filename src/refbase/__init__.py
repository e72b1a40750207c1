"""refbase"""
