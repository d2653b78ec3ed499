// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "store/database.h"

namespace tailscope::store {

/// Makes the indexes of readyindexes.sql that are missing, each in a transaction of its own; reports phase
/// "indexing". On a writing connection; may be cancelled (ErrorCode::Cancelled) and repeated.
Result<void> createReadyIndexes(Database &database, const Progress &progress);

/// Drops them: worth it before an import that is larger than what is there.
Result<void> dropReadyIndexes(Database &database);

} // namespace tailscope::store
