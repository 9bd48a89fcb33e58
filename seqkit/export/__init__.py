"""One file a format; every export is loaded back and compared before it is called done.

``export`` writes what a ``Shipment`` holds. Importing this package loads no TensorFlow.
"""

from seqkit.export.ship import export
from seqkit.export.shipment import Shipment

__all__ = ["Shipment", "export"]
