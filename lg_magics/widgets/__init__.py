"""anywidget shells over the built front end. They hold no state of a run, render nothing and know no session."""
