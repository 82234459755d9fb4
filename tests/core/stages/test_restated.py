import pyarrow as pa

from core.stages.restated import with_branches

BRANCHES = pa.table(
    {
        "branch_id": [7, 3],
        "branch_code": ["G7", "G3"],
        "branch_name": ["七", "三"],
        "region": ["东", "西"],
        "supervisor": ["li", None],
    }
)


def test_weeks_keep_their_order_and_get_what_names_their_branch():
    weeks = pa.table({"branch_id": [3, 7, 3], "shown": ["growth", "mature", None]})
    assert with_branches(weeks, BRANCHES).to_pylist() == [
        {
            "branch_id": 3,
            "shown": "growth",
            "branch_code": "G3",
            "branch_name": "三",
            "region": "西",
            "supervisor": None,
        },
        {
            "branch_id": 7,
            "shown": "mature",
            "branch_code": "G7",
            "branch_name": "七",
            "region": "东",
            "supervisor": "li",
        },
        {"branch_id": 3, "shown": None, "branch_code": "G3", "branch_name": "三", "region": "西", "supervisor": None},
    ]


def test_weeks_of_branches_that_are_not_listed_are_left_out():
    weeks = pa.table({"branch_id": [9, 3], "shown": ["growth", "mature"]})
    assert with_branches(weeks, BRANCHES)["branch_id"].to_pylist() == [3]
    assert with_branches(weeks, BRANCHES.slice(0, 0)).num_rows == 0
