"""Documents compiled from records: plain templates, the same words for the same records and moment."""

from schema.papers.documents import DOCUMENTS, Document, document, documents_of
from schema.papers.material import Material, Named, Pointing, Read, Source

__all__ = [
    "DOCUMENTS",
    "Document",
    "Material",
    "Named",
    "Pointing",
    "Read",
    "Source",
    "document",
    "documents_of",
]
