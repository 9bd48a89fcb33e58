"""The verdict of a search as one HTML page that needs nothing but itself."""

from seqkit.tuning.page.document import verdict_page

__all__ = ["verdict_page"]
