"""Charts as Vega-Lite specifications: one palette, one theme, one function a chart."""
