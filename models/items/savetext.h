// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace tailscope::items {

/// Writes text to a file atomically (a full disk leaves the old file). Empty = done, else what went wrong.
/// Views call this instead of opening files themselves.
QString saveText(const QString &path, const QString &text);

} // namespace tailscope::items
