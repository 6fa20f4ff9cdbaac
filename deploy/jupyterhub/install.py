"""Install the hub: ``python3 deploy/jupyterhub/install.py``; `install.command` says more.

Next to this file lies the package of the same name, which Python finds before this module.
"""

from install.command import main

if __name__ == "__main__":
    main()
