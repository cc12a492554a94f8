"""Making entries true: the one place where the World changes.

apply reads the World and the entry and nothing else, so every node that applies the same journal
has the same World. It repeats the checks that a race could have changed since the command was
decided on, and turns a loser into Refused.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from hubbub.core.apply import (
    account_ends,
    accounts,
    channel_rename,
    channels,
    clock,
    credentials,
    messages,
    metadata,
    moderation,
    nicks,
    nodes,
    registered_channels,
    users,
)
from hubbub.core.applying import Appliers, apply_by, came_to_nothing
from hubbub.core.outcomes import Outcome
from hubbub.core.records import accounts as account_records
from hubbub.core.records import channels as channel_records
from hubbub.core.records import messages as message_records
from hubbub.core.records import metadata as metadata_records
from hubbub.core.records import moderation as moderation_records
from hubbub.core.records import nodes as node_records
from hubbub.core.records import registered_channels as registered_channel_records
from hubbub.core.records import users as user_records
from hubbub.core.records.entries import Entry
from hubbub.core.world.world import World

__all__ = ["apply", "came_to_nothing"]

_APPLIERS: Final[Appliers] = {
    message_records.Said: messages.said,
    message_records.SaidInAbsence: messages.said,
    node_records.NodeStarted: nodes.node_started,
    node_records.NodeStopped: nodes.node_stopped,
    node_records.NodeLost: nodes.node_lost,
    node_records.NodeAdmitted: nodes.node_admitted,
    node_records.NodeDraining: nodes.node_draining,
    node_records.NodeLeft: nodes.node_left,
    node_records.SettingsSet: nodes.settings_set,
    node_records.Forgotten: nodes.forgotten,
    node_records.RulesRaised: nodes.rules_raised,
    node_records.RetentionSet: nodes.retention_set,
    node_records.ClockSetBack: clock.set_back,
    user_records.Connected: users.connected,
    user_records.Disconnected: users.disconnected,
    user_records.Renamed: nicks.renamed,
    user_records.Killed: users.killed,
    message_records.Announced: messages.announced,
    user_records.UserModesSet: users.user_modes_set,
    user_records.AwaySet: users.away_set,
    user_records.RealnameSet: users.realname_set,
    user_records.SilenceSet: users.silence_set,
    metadata_records.MetadataSet: metadata.metadata_set,
    metadata_records.BufferSet: metadata.buffer_set,
    message_records.ReadMarked: messages.read_marked,
    channel_records.Kept: channels.kept,
    channel_records.Joined: channels.joined,
    channel_records.Parted: channels.parted,
    channel_records.Kicked: channels.kicked,
    channel_records.TopicSet: channels.topic_set,
    channel_records.ChannelModesSet: channels.channel_modes_set,
    channel_records.ChannelRenamed: channel_rename.renamed,
    user_records.StayEnded: users.stay_ended,
    channel_records.ListEntryExpired: channels.list_entry_expired,
    channel_records.Invited: channels.invited,
    registered_channel_records.ChannelRegistered: registered_channels.registered,
    registered_channel_records.ChannelUnregistered: registered_channels.unregistered,
    registered_channel_records.ChannelTransferred: registered_channels.transferred,
    registered_channel_records.ChannelAccessSet: registered_channels.access_set,
    registered_channel_records.ChannelPastOpened: registered_channels.past_opened,
    registered_channel_records.ChannelRetentionSet: registered_channels.retention_set,
    message_records.Redacted: messages.redacted,
    message_records.Edited: messages.edited,
    message_records.Erased: messages.erased,
    account_records.AccountRegistered: accounts.registered,
    account_records.AccountVerified: accounts.verified,
    account_records.AccountSet: accounts.account_set,
    account_records.AccountDropped: account_ends.dropped,
    account_records.AccountErased: account_ends.erased,
    account_records.AccountLoggedOut: account_ends.logged_out,
    account_records.AccountHandedOver: account_ends.handed_over,
    account_records.AccountRenamed: account_ends.renamed,
    account_records.CredentialAdded: credentials.credential_added,
    account_records.CredentialProved: credentials.credential_proved,
    account_records.CredentialRemoved: credentials.credential_removed,
    account_records.EmailConfirmed: credentials.email_confirmed,
    account_records.LoggedIn: accounts.logged_in,
    account_records.OthersRevoked: credentials.others_revoked,
    account_records.Reauthenticated: accounts.reauthenticated,
    account_records.LoggedOut: accounts.logged_out,
    account_records.InviteMade: accounts.invite_made,
    account_records.InviteRevoked: accounts.invite_revoked,
    account_records.Redeemed: accounts.redeemed,
    moderation_records.NetworkBanAdded: moderation.network_ban_added,
    moderation_records.NetworkBanRemoved: moderation.network_ban_removed,
    moderation_records.SwitchSet: moderation.switch_set,
    moderation_records.OperatorActed: moderation.operator_acted,
}

apply: Final[Callable[[World, Entry], list[Outcome]]] = partial(apply_by, _APPLIERS)
"""Make an entry true and return what follows from it, in order."""
