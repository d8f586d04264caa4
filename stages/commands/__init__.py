"""The subcommands of ``overthink``, one file each: ``add_arguments`` and ``main``."""
