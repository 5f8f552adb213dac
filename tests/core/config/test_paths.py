from pathlib import Path

from core.config.paths import Paths, config_file, folders


def test_our_folders_are_below_the_xdg_ones():
    env = {"HOME": "/h", "XDG_DATA_HOME": "/d", "XDG_STATE_HOME": "/s"}
    assert folders(env) == ("/h/.config/partagenda", "/d/partagenda", "/s/partagenda", "/h/.cache/partagenda")


def test_a_relative_xdg_value_is_ignored_as_the_standard_says():
    assert folders({"HOME": "/h", "XDG_CONFIG_HOME": "config"})[0] == "/h/.config/partagenda"


def test_the_option_wins_over_the_environment_and_that_over_the_standard_place():
    env = {"HOME": "/h", "PARTAGENDA_CONFIG": "/e.toml"}
    assert config_file("/o.toml", env) == "/o.toml"
    assert config_file("", env) == "/e.toml"
    assert config_file("", {"HOME": "/h"}) == "/h/.config/partagenda/config.toml"


def test_all_four_can_live_below_one_folder(tmp_path: Path):
    paths = Paths.below(tmp_path)
    assert len({paths.config, paths.data, paths.state, paths.cache}) == 4
    assert all(folder.is_relative_to(tmp_path) for folder in (paths.config, paths.data, paths.state, paths.cache))


def test_paths_come_from_the_environment(own_home: Path):
    assert Paths.from_env().data == own_home / "data" / "partagenda"
