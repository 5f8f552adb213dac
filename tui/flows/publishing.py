"""Publish Online from beginning to end: dialog, preview, one question, the addresses, people to invite."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import Cancelled, Conflict, NotFound, PartagendaError
from core.language import _
from core.services.publish import Preview, Publication, PublishOptions, PublishRequest, whole_location
from tui.flows.working import working
from tui.reporting import reporting, show_error, show_notice
from tui.screens.confirm import ConfirmDialog
from tui.screens.folder_browser import FolderBrowser
from tui.screens.publish import PublishDialog
from tui.screens.publish_preview import PublishPreview
from tui.screens.published import PublishedDialog

if TYPE_CHECKING:
    from core.bootstrap import Services
    from tui.app import PartagendaApp


async def publish_online(app: PartagendaApp, services: Services, calendar: str) -> None:
    """Publish a calendar to a server or a folder."""
    await _Publishing(app, services).run(calendar)


async def change_options(app: PartagendaApp, services: Services, publication: Publication) -> None:
    """Other options for what is published already."""
    await _Publishing(app, services).change(publication)


async def show_addresses(app: PartagendaApp, services: Services, publication: Publication) -> None:
    """The addresses, and the offer to invite."""
    await _Publishing(app, services).show(publication, _("Published: {calendar}"))


class _Publishing:
    """The steps from the choice of a place to the upload."""

    def __init__(self, app: PartagendaApp, services: Services) -> None:
        self._app = app
        self._services = services

    async def run(self, calendar: str) -> None:
        """Ask, show what will be seen, upload; going back changes nothing that was chosen."""
        start = PublishRequest(calendar, await self._services.publishing.last_location(), PublishOptions())
        while True:
            request = await self._choose(start)
            if request is None:
                return
            if await self._agreed(request) and await self._upload(request):
                return
            start = request

    async def change(self, publication: Publication) -> None:
        """The same for the options of something published; calendar and address stay."""
        address = publication.files[0].address
        request: PublishRequest | None = PublishRequest(publication.calendar, address, publication.options)
        while request is not None:
            request = await self._choose(request, fixed=True)
            if request is not None and await self._agreed(request):
                await self._apply(publication, request.options)
                return

    async def _apply(self, publication: Publication, options: PublishOptions) -> None:
        with reporting(self._app):
            job = self._services.jobs.start(
                _("Uploading “{calendar}”").format(calendar=publication.calendar_name),
                lambda _progress: self._services.publishing.change(publication.id, options),
            )
            done = await job.wait()
            show_notice(self._app, _("{calendar}: {result}").format(calendar=done.calendar_name, result=done.result))

    async def _choose(self, start: PublishRequest, *, fixed: bool = False) -> PublishRequest | None:
        calendars = [info for info in await self._services.library.calendars() if not info.problem]
        if not calendars:
            raise NotFound(_("There is no calendar to publish."), _("Open or import one first."))
        if start.calendar not in {info.id for info in calendars}:
            start = PublishRequest(calendars[0].id, start.location, start.options)
        dialog = PublishDialog(calendars, start, self._services.clock.now().date(), self._browse, fixed=fixed)
        return await self._app.push_screen_wait(dialog)

    async def _browse(self, typed: str) -> str | None:
        publishing = self._services.publishing
        folder = whole_location(typed) if typed.strip() else await publishing.last_location()
        folder = folder.rpartition("/")[0] + "/"
        if folder == "/" and not typed.strip():
            show_notice(self._app, _("Type the server’s address first."), severity="warning")
            return None
        tops = [one for one in publishing.locations() if folder.startswith(one)]
        top = max(tops, key=len, default="/" if folder.startswith("/") else "/".join(folder.split("/")[:3]) + "/")
        browser = FolderBrowser(folder, top, publishing.places, publishing.make_folder)
        return await self._app.push_screen_wait(browser)

    async def _agreed(self, request: PublishRequest) -> bool:
        """The preview, with what leaves; publishing is one key further."""
        try:
            preview = await working(self._app, _("Preparing…"), self._services.publishing.preview(request))
        except Cancelled:
            return False
        except PartagendaError as error:
            show_error(self._app, error)
            return False
        return bool(await self._app.push_screen_wait(PublishPreview(preview.prepared))) and await self._sure(
            request, preview
        )

    async def _sure(self, request: PublishRequest, preview: Preview) -> bool:
        lines = [
            _("“{calendar}” · {level}").format(
                calendar=preview.content.snapshot.calendar_name, level=request.options.level.label
            ),
            f"  {request.location}",
            "",
            _("Whoever knows the address can read it."),
            *(f"! {warning}" for warning in preview.warnings),
        ]
        dialog = ConfirmDialog(_("Publish This Calendar?"), "\n".join(lines), _("&Publish"))
        return bool(await self._app.push_screen_wait(dialog))

    async def _upload(self, request: PublishRequest, *, overwrite: bool = False) -> bool:
        """True when it is published, or may be; False goes back to the dialog."""
        publishing = self._services.publishing
        job = self._services.jobs.start(
            _("Publishing"), lambda _progress: publishing.publish(request, overwrite=overwrite)
        )
        try:
            published = await working(self._app, _("Uploading…"), job.wait())
        except Conflict as error:
            question = ConfirmDialog(_("Overwrite It?"), f"{error.message}\n{error.hint}", _("&Overwrite"), danger=True)
            again = not overwrite and await self._app.push_screen_wait(question)
            return await self._upload(request, overwrite=True) if again else False
        except Cancelled:
            job.cancel()
            return False
        except PartagendaError as error:
            show_error(self._app, error)
            return False
        await self.show(published, _("Published: {calendar}"))
        return True

    async def show(self, publication: Publication, title: str) -> None:
        """The addresses, with `title` for the calendar's name, and what one does with them."""
        addresses = [
            (_("For calendar programs: one click subscribes"), publication.webcal),
            (_("The calendar file: Outlook, Thunderbird, Google"), publication.ics),
            (_("The web page, for people without a calendar program"), publication.page),
        ]
        dialog = PublishedDialog(title.format(calendar=publication.calendar_name), addresses, _renewal(publication))
        if await self._app.push_screen_wait(dialog) == "invite":
            await invite(self._app, self._services, publication)


def _renewal(publication: Publication) -> str:
    if publication.options.every is None:
        return ""
    return _("It is renewed while Partagenda is open, and by “partagenda sync”.")


async def invite(app: PartagendaApp, services: Services, publication: Publication) -> None:
    """The sharing message with the addresses (outlook.md §3.2, publish provider), to each person."""
    from core.services.share_plan import ShareRequest
    from tui.screens.invite_published import InvitePublishedDialog

    asked = await app.push_screen_wait(InvitePublishedDialog(publication.calendar_name))
    if asked is None:
        return
    with reporting(app):
        request = ShareRequest(publication.calendar, asked.to, message=asked.message)
        sent = await services.sharing.invite_published(
            request, publication.options.level, ics=publication.ics, page=publication.page
        )
        from tui.wording import outcome_text

        for _person, item in sent:
            text, severity = outcome_text(item, services.clock.zone)
            show_notice(app, text, severity=severity)
