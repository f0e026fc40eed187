"""anywidget shells over the built front end. They hold no state of a run, draw nothing and know no session."""
