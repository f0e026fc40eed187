"""Build hook of pyproject.toml: a wheel or sdist without its built front end is refused."""

from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class FrontEnd(BuildHookInterface):
    def initialize(self, version, build_data):
        root = Path(self.root)
        built = [root / "lg_magics/labextension/package.json"]
        for source in root.glob("labextension/shared/*.css"):
            built.append(root / "lg_magics/widgets/static" / source.name)
        for source in root.glob("labextension/widgets/*.ts"):
            built.append(root / "lg_magics/widgets/static" / f"{source.stem}.js")
        missing = [str(f.relative_to(root)) for f in built if not f.is_file()]
        if missing:
            raise FileNotFoundError(f"run `make setup` first: {', '.join(missing)} not built")
