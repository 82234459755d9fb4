"""What each early warning means for a branch, as a sentence in two languages."""

from core.facts import Badge
from core.language import Language, text

BADGE_REASONS: dict[Badge, str] = {
    Badge.WATCH_DOWN: "Fewer policies than expected lately: look for the cause before the stage falls.",
    Badge.WATCH_UP: "More policies than expected lately: find out what works and spread it.",
    Badge.CONTACT_GAP: "Contacts stayed well below the target for two weeks.",
    Badge.KEY_PERSON_LEFT: "The head or a main seller left in the last 13 weeks.",
    Badge.SINGLE_SELLER: "Nearly all policies come from one person.",
    Badge.SINGLE_PAY_HEAVY: "Less than a fifth of the premium is regular pay.",
    Badge.HIGH_CANCELLATION: "Unusually many policies are cancelled in cooling-off.",
    Badge.LOW_PLATEAU: "The branch sells steadily, but below the standard for its size.",
    Badge.NEVER_ACTIVATED: "The branch has never taken off.",
    Badge.CAMPAIGN_DRIVEN: "Policies come mainly in campaign weeks.",
    Badge.INSUFFICIENT_DATA: "Too little is known about the branch to judge it well.",
    Badge.PROVISIONAL: "The last 15 days are provisional.",
}


def badge_reason(language: Language, badge: Badge) -> str:
    """Return what a badge means for the branch, as a sentence."""
    return text(language, BADGE_REASONS[badge])
