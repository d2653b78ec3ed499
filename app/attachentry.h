// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "live/target.h"

#include <QString>
#include <QStringList>

#include <vector>

namespace tailscope::app {

/// A server of the attach dialog: the connection text and its parts, which are kept in step.
struct AttachEntry
{
    live::TargetKind kind = live::TargetKind::Postgres;
    QString name; ///< label of the user; empty = host:port/database
    QString text; ///< conninfo or URI, as typed
    QString password;
    bool remember = false;

    /// Of the text; empty where it does not state it, or cannot be read.
    QString part(const char *keyword) const;
    /// States the keyword in the text (or takes it away when empty); everything else in it stays. A text that
    /// cannot be read is replaced.
    void setPart(const char *keyword, const QString &value);
    /// Moves a password that stands in the text into `password`. True: there was one.
    bool takePassword();
    QString problem() const; ///< what libpq says of the text; empty = it can be read
    Result<live::Target> target() const;
    QString title() const; ///< for the list: the name, or where it goes

    friend bool operator==(const AttachEntry &, const AttachEntry &) = default;
};

/// Attachments made before, newest first; without passwords, in the settings.
std::vector<std::vector<AttachEntry>> recentAttachments();
void rememberAttachment(const std::vector<AttachEntry> &entries);

/// Names of the services of libpq's service file (PGSERVICEFILE, ~/.pg_service.conf); a bounded read.
QStringList serviceNames();

} // namespace tailscope::app
