"""What the worker finds in the folder of models."""

from app.core.auth import User
from app.core.database import Database
from app.core.settings import Settings
from tests.workshop import open_workshop


async def test_folder_that_fails_does_not_hide_the_others(
    settings: Settings, database: Database, user: User
) -> None:
    async with open_workshop(settings, database, user) as workshop:
        broken = workshop.settings.ml_models_dir / "broken"
        broken.mkdir()
        (broken / "cloud.py").write_text("raise SystemExit('error: torch is missing.')")
        async with workshop.working():
            job = await workshop.add_job("check")
            await workshop.wait(job)
        async with database.as_service() as connection:
            recipes = await connection.fetch("select name, provider, description from ml_recipes")
    (recipe,) = recipes
    assert (recipe["name"], recipe["provider"]) == ("echo", "local")
    assert recipe["description"]["columns"] == ["text"]
