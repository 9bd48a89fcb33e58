"""Which packages there are; all else stands in setup.cfg."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["seqkit", "seqkit.*"]), "seqkit._recipes"],
    # The one copy of the recipes lies at the top, and is installed inside the package.
    package_dir={"seqkit": "seqkit", "seqkit._recipes": "recipes"},
)
