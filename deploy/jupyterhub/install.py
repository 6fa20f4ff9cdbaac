"""Install or upgrade the hub: ``python3 deploy/jupyterhub/install.py``; see `install.command`.

The package of the same name is next to this file; Python imports it in preference to this module.
"""

from install.command import main

if __name__ == "__main__":
    main()
