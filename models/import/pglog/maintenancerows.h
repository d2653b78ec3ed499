// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/pglog/rowcontext.h"

#include <string>

namespace tailscope::import::pglog {

/// Checkpoints, autovacuum and temporary files: their figures become series, their time spans events.
/// Each function tells by the message (English) whether the record is its own.
class MaintenanceRows
{
public:
    explicit MaintenanceRows(RowContext &context)
        : m_context(context)
    {}
    bool checkpoint(const LogRecord &record, LogRow &row);
    bool autovacuum(const LogRecord &record, LogRow &row);
    bool temporaryFile(const LogRecord &record, LogRow &row);

private:
    RowContext &m_context;
    std::string m_reason; ///< of the checkpoint that runs
};

/// Starts, crashes, promotions, reloads: an event that charts show. False when the record is none.
bool serverEvent(const LogRecord &record, RowContext &context);
/// Sessions that begin and end, replication: the kind of the row, "" when it is neither.
std::string_view sessionKind(const LogRecord &record, LogRow &row);

} // namespace tailscope::import::pglog
