"""What is measured on a response's text, one heuristic a file.

A module of this folder that has a ``HEURISTIC`` is one; ``registry.discover`` finds it. The others
are what several of them share.
"""
