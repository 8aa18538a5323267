"""Words out to translators and back again: XLIFF, PO and spreadsheets, merged passage by passage."""
