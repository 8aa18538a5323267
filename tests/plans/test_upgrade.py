"""A database of before: what its messages were about is known afterwards, so that nothing is told twice."""

from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from care.kit.settings import ROOT

NOW = datetime(2026, 12, 1, 4, 0, tzinfo=UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
SAID = '{"subject": "medicine-capecitabine", "after_food": true}'
ROWS = (
    "insert into clinic (id, name, zone, created_at, keeps_content) values ('c', 'Ward', 'Asia/Shanghai', :now, 0)",
    "insert into staff (id, clinic_id, login, name, role, locale, created_at) values ('s', 'c', 'a', 'A', 'nurse', 'zh', :now)",
    "insert into patient (id, clinic_id, name_sealed, form, zone, audio, created_at, created_by)"
    " values ('p', 'c', x'00', 'ug-Arab', 'Asia/Shanghai', 1, :now, 's')",
    "insert into care_plan (id, clinic_id, patient_id, template, template_version, anchors, slots, confirmed_cycles, created_at,"
    " created_by) values ('plan', 'c', 'p', 'capecitabine-14-7', '0.1', '{}', '{}', '{}', :now, 's')",
    "insert into occurrence (id, clinic_id, patient_id, plan_id, activity, kind, local_date, slot, hour, zone, due_at,"
    " useful_until) values ('o', 'c', 'p', 'plan', 'capecitabine', 'medicine', '2026-12-01', 0, '08:00', 'Asia/Shanghai', :now,"
    " :now)",
    "insert into message (id, key, clinic_id, patient_id, occurrence_id, kind, phrase, arguments, urgent, due_at, useful_until,"
    " state, next_at, attempt, ambiguous, created_at) values ('m', 'plan:capecitabine:2026-12-01:0:remind-0', 'c', 'p', 'o',"
    " 'medicine', 'reminder-medicine', :said, 0, :now, :now, 'sent', :now, 1, 0, :now)",
)


def test_messages_of_before_name_what_they_were_about(tmp_path: Path):
    engine = create_engine(f"sqlite:///{tmp_path / 'karez.db'}")
    config = Config(ROOT / "alembic.ini")
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0005")
        for row in ROWS:
            connection.execute(text(row), {"now": NOW, "said": SAID} if ":said" in row else {"now": NOW})
        connection.commit()
        command.upgrade(config, "0004")

        told = connection.execute(text("select occurrence_id, step, message_id, said from mention")).all()
        plan = connection.execute(text("select special_times, ordered, overrides, since from care_plan")).all()

    assert told == [("o", "remind-0", "m", SAID)]
    assert plan == [("[]", "[]", "{}", None)]
    engine.dispose()
