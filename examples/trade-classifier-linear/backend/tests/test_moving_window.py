"""What counts, for how long, and that it is forgotten afterwards."""

from app.core.moving_window import MovingWindow


def test_the_oldest_makes_room() -> None:
    now = 100.0
    window = MovingWindow(2, 60, clock=lambda: now)
    assert (window.left("user"), window.wait("user")) == (2, 0)
    assert window.hit("user")
    now = 130.0
    assert window.hit("user")
    assert not window.hit("user")  # nor does it count
    assert window.hit("other")
    assert (window.left("user"), window.wait("user")) == (0, 30)
    now = 160.0
    assert (window.left("user"), window.wait("user")) == (1, 30)
    assert window.hit("user")
    assert not window.hit("user")


def test_keys_are_forgotten() -> None:
    now = 100.0
    window = MovingWindow(2, 60, clock=lambda: now)
    for address in range(1000):
        window.hit(str(address))
    now = 130.0
    window.hit("late")
    now = 161.0
    window.hit("user")
    assert set(window._hits) == {("late",), ("user",)}
