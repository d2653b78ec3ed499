// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QString>

class QTemporaryFile;

namespace tailscope::app {

/// Writes the text of a plan, readable or not, without its names and literals: what can be shown to others
/// when a plan is refused. At most 128 MiB.
Result<void> saveRedactedPlan(const QString &path, const QString &out);

/// What `explain --redact OUT` does before it reads the plan: saves the copy when `out` is not empty. "-"
/// comes once and is kept in `kept` first. Returns the path to read.
Result<QString> withRedactedCopy(const QString &path, const QString &out, QTemporaryFile &kept);

/// The error; when a plan was refused and no copy was saved, with how to save one.
Error withRedactHint(Error error, bool isSaved);

/// True for an error that says that a text holds no plan which can be read.
bool isRefusedPlan(const Error &error);

} // namespace tailscope::app
