"""Which properties an item or a folder of a kind has, in the order of the schema.

The names are those of types.xsd of Exchange Server SE, sequence by sequence; a test holds them to it. They are also
the second half of each FieldURI (`calendar:Start` is `Start`), because a kind has each name once.
"""

from __future__ import annotations


def words(*lines: str) -> tuple[str, ...]:
    """Names out of lines of them."""
    return tuple(" ".join(lines).split())


_ITEM = words(
    "MimeContent ItemId ParentFolderId ItemClass Subject Sensitivity Body Attachments DateTimeReceived Size",
    "Categories Importance InReplyTo IsSubmitted IsDraft IsFromMe IsResend IsUnmodified InternetMessageHeaders",
    "DateTimeSent DateTimeCreated ResponseObjects ReminderDueBy ReminderIsSet ReminderNextTime",
    "ReminderMinutesBeforeStart DisplayCc DisplayTo DisplayBcc HasAttachments ExtendedProperty Culture",
    "EffectiveRights LastModifiedName LastModifiedTime IsAssociated WebClientReadFormQueryString",
    "WebClientEditFormQueryString ConversationId UniqueBody Flag StoreEntryId InstanceKey NormalizedBody",
    "EntityExtractionResult PolicyTag ArchiveTag RetentionDate Preview RightsManagementLicenseData",
    "PredictedActionReasons IsClutter BlockStatus HasBlockedImages TextBody IconIndex SearchKey SortKey Hashtags",
    "Mentions MentionedMe MentionsPreview MentionsEx AppliedHashtags AppliedHashtagsPreview Likes LikesPreview",
    "PendingSocialActivityTagIds AtAllMention CanDelete InferenceClassification",
)

_CALENDAR = words(
    "UID RecurrenceId DateTimeStamp Start End OriginalStart IsAllDayEvent LegacyFreeBusyStatus Location When",
    "IsMeeting IsCancelled IsRecurring MeetingRequestWasSent IsResponseRequested CalendarItemType MyResponseType",
    "Organizer RequiredAttendees OptionalAttendees Resources InboxReminders ConflictingMeetingCount",
    "AdjacentMeetingCount ConflictingMeetings AdjacentMeetings Duration TimeZone AppointmentReplyTime",
    "AppointmentSequenceNumber AppointmentState Recurrence FirstOccurrence LastOccurrence ModifiedOccurrences",
    "DeletedOccurrences MeetingTimeZone StartTimeZone EndTimeZone ConferenceType AllowNewTimeProposal IsOnlineMeeting",
    "MeetingWorkspaceUrl NetShowUrl EnhancedLocation StartWallClock EndWallClock StartTimeZoneId EndTimeZoneId",
    "IntendedFreeBusyStatus JoinOnlineMeetingUrl OnlineMeetingSettings IsOrganizer CalendarActivityData",
    "DoNotForwardMeeting",
)

_MESSAGE = words(
    "Sender ToRecipients CcRecipients BccRecipients IsReadReceiptRequested IsDeliveryReceiptRequested",
    "ConversationIndex ConversationTopic From InternetMessageId IsRead IsResponseRequested References ReplyTo",
    "ReceivedBy ReceivedRepresenting ApprovalRequestData VotingInformation ReminderMessageData MessageSafety",
    "SenderSMTPAddress MailboxGuids PublishedCalendarItemIcs PublishedCalendarItemName",
)

_MEETING = words(
    "AssociatedCalendarItemId IsDelegated IsOutOfDate HasBeenProcessed ResponseType UID RecurrenceId DateTimeStamp",
    "IsOrganizer",
)

_REQUEST = words(
    "MeetingRequestType IntendedFreeBusyStatus Start End OriginalStart IsAllDayEvent LegacyFreeBusyStatus Location",
    "When IsMeeting IsCancelled IsRecurring MeetingRequestWasSent CalendarItemType MyResponseType Organizer",
    "RequiredAttendees OptionalAttendees Resources ConflictingMeetingCount AdjacentMeetingCount ConflictingMeetings",
    "AdjacentMeetings Duration TimeZone AppointmentReplyTime AppointmentSequenceNumber AppointmentState Recurrence",
    "FirstOccurrence LastOccurrence ModifiedOccurrences DeletedOccurrences MeetingTimeZone StartTimeZone EndTimeZone",
    "ConferenceType AllowNewTimeProposal IsOnlineMeeting MeetingWorkspaceUrl NetShowUrl EnhancedLocation",
    "ChangeHighlights StartWallClock EndWallClock StartTimeZoneId EndTimeZoneId DoNotForwardMeeting",
)

_RESPONSE = words(
    "Start End Location Recurrence CalendarItemType ProposedStart ProposedEnd EnhancedLocation",
)

_CANCELLATION = words(
    "Start End Location Recurrence CalendarItemType EnhancedLocation DoNotForwardMeeting",
)

_CONTACT = words(
    "FileAs FileAsMapping DisplayName GivenName Initials MiddleName Nickname CompleteName CompanyName EmailAddresses",
    "AbchEmailAddresses PhysicalAddresses PhoneNumbers AssistantName Birthday BusinessHomePage Children Companies",
    "ContactSource Department Generation ImAddresses JobTitle Manager Mileage OfficeLocation PostalAddressIndex",
    "Profession SpouseName Surname WeddingAnniversary HasPicture PhoneticFullName PhoneticFirstName PhoneticLastName",
    "Alias Notes Photo UserSMIMECertificate MSExchangeCertificate DirectoryId ManagerMailbox DirectReports",
    "AccountName IsAutoUpdateDisabled IsMessengerEnabled Comment ContactShortId ContactType Gender IsHidden ObjectId",
    "PassportId IsPrivate SourceId TrustLevel CreatedBy Urls Cid SkypeAuthCertificate SkypeContext SkypeId",
    "SkypeRelationship YomiNickname XboxLiveTag InviteFree HidePresenceAndProfile IsPendingOutbound SupportGroupFeeds",
    "UserTileHash UnifiedInbox Mris Wlid AbchContactId NotInBirthdayCalendar ShellContactType ImMri",
    "PresenceTrustLevel OtherMri ProfileLastChanged MobileIMEnabled PartnerNetworkProfilePhotoUrl",
    "PartnerNetworkThumbnailPhotoUrl PersonId ConversationGuid",
)

_TASK = words(
    "ActualWork AssignedTime BillingInformation ChangeCount Companies CompleteDate Contacts DelegationState Delegator",
    "DueDate IsAssignmentEditable IsComplete IsRecurring IsTeamTask Mileage Owner PercentComplete Recurrence",
    "StartDate Status StatusDescription TotalWork",
)

_POST = words(
    "ConversationIndex ConversationTopic From InternetMessageId IsRead PostedTime References Sender",
)

_LIST = words(
    "DisplayName FileAs ContactSource Members",
)

_FOLDER = words(
    "FolderId ParentFolderId FolderClass DisplayName TotalCount ChildFolderCount ExtendedProperty",
    "ManagedFolderInformation EffectiveRights DistinguishedFolderId PolicyTag ArchiveTag ReplicaList",
)

_PLAIN = words(
    "PermissionSet UnreadCount",
)

_CALFOLDER = words(
    "SharingEffectiveRights PermissionSet",
)

_CONTACTSF = words(
    "SharingEffectiveRights PermissionSet SourceId AccountName",
)

_SEARCHF = words(
    "SearchParameters",
)


ITEMS: dict[str, tuple[str, ...]] = {
    "Item": (*_ITEM,),
    "Message": (*_ITEM, *_MESSAGE),
    "CalendarItem": (*_ITEM, *_CALENDAR),
    "Contact": (*_ITEM, *_CONTACT),
    "DistributionList": (*_ITEM, *_LIST),
    "MeetingMessage": (*_ITEM, *_MESSAGE, *_MEETING),
    "MeetingRequest": (*_ITEM, *_MESSAGE, *_MEETING, *_REQUEST),
    "MeetingResponse": (*_ITEM, *_MESSAGE, *_MEETING, *_RESPONSE),
    "MeetingCancellation": (*_ITEM, *_MESSAGE, *_MEETING, *_CANCELLATION),
    "Task": (*_ITEM, *_TASK),
    "PostItem": (*_ITEM, *_POST),
}
"""Kinds of items by their element."""

FOLDERS: dict[str, tuple[str, ...]] = {
    "Folder": (*_FOLDER, *_PLAIN),
    "CalendarFolder": (*_FOLDER, *_CALFOLDER),
    "ContactsFolder": (*_FOLDER, *_CONTACTSF),
    "SearchFolder": (*_FOLDER, *_PLAIN, *_SEARCHF),
    "TasksFolder": (*_FOLDER, *_PLAIN),
}
"""Kinds of folders by their element."""


def order_of(kind: str) -> tuple[str, ...]:
    """The properties of items or folders of this kind, in order."""
    return ITEMS.get(kind) or FOLDERS[kind]
