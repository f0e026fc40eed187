"""Any JSON that the store keeps, for properties: no NUL, no half characters, no number that JSON or 64 bits cannot hold."""

from __future__ import annotations

import hypothesis.strategies as st

__all__ = ["mappings", "texts"]

texts = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4))
mappings = st.dictionaries(texts, values, max_size=5)
