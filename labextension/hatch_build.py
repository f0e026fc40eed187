"""Build hook of pyproject.toml: a wheel or sdist without its built front end is refused."""

from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class FrontEnd(BuildHookInterface):
    def initialize(self, version, build_data):
        root = Path(self.root)
        names = ("labextension/package.json", "widgets/static/view.js", "widgets/static/view.css")
        built = [root / "lg_magics" / name for name in names]
        missing = [str(f.relative_to(root)) for f in built if not f.is_file()]
        if missing:
            raise FileNotFoundError(f"run `make setup` first: {', '.join(missing)} not built")
