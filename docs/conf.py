"""How the documentation is built: Sphinx on Markdown, and warnings are errors (`make docs`)."""

project = "lg_magics"
copyright = "the lg_magics authors"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_theme = "furo"
html_title = "lg_magics"
exclude_patterns = ["_build"]
myst_heading_anchors = 3
default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints = "description"
