"""The invented city 安禾示例人寿: banks, branches, people, policies and contacts drawn from tables of shapes.

The same plan gives the same city. Days are numbers counted from the first Monday (`CityPlan.first_day`).
"""
