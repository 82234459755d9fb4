"""Result KPIs: definitions as data rows, one function each, arithmetic from sums."""
