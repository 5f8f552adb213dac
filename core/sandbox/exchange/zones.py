"""GetServerTimeZones: Windows' zones with the rules of this year ([MS-OXWSGTZ])."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from core.calendar.zones import windows_zones
from core.sandbox.exchange.registry import Context, operation, respond, success
from core.sandbox.exchange.xml import Element, children, m
from core.sandbox.exchange.zone_rules import definition


@operation("GetServerTimeZones")
def get_server_time_zones(context: Context) -> Element:
    """All zones, or those whose ids are asked for; ids that are not known are left out."""
    asked = {each.text or "" for each in children(context.request, "Ids")}
    full = context.request.get("ReturnFullTimeZoneData", "true") not in ("false", "0")
    year = context.organisation.clock().year

    def one(_request: Element) -> Element:
        zones = [zone for zone in windows_zones() if not asked or zone[0] in asked]
        made = [definition(name, label, ZoneInfo(iana), year, full=full) for name, label, iana in zones]
        return success("GetServerTimeZones", m("TimeZoneDefinitions", made))

    return respond("GetServerTimeZones", [context.request], one)
