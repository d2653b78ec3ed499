// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Lines of logs of BulkInput.
#include "store/bulkinput.h"

#include "base/text.h"

#include <iterator>

namespace tailscope::store {

LogRef BulkInput::logEntry(const LogRow &row)
{
    const std::int64_t ordinal = next(Family::LogEntry);
    const bool kept = isKept(Family::LogEntry, ordinal);
    // Interning comes first in every case: ordinals must not depend on what is written.
    const Cell user = interned(row.user), db = interned(row.db), application = interned(row.application),
               client = interned(row.client), service = interned(row.service),
               instance = interned(row.instance), logger = interned(row.logger),
               pattern = interned(row.pattern);
    if (kept) {
        const Cell sql = text(row.statement);
        const Cell statement = row.statement.empty() ? Cell{} : statementCell(row.statement, sql);
        const Cell severity = text(row.severity), sqlstate = text(row.sqlstate), kind = text(row.kind),
                   message = text(row.message), detail = text(row.detail), hint = text(row.hint),
                   context = text(row.context), trace = traceKeyCell(row.traceKey),
                   span = keyCell(row.spanKey), attributes = jsonObject(row.attributes);
        // In the order of familyInfo(LogEntry).columns.
        const Cell values[]{Cell::nanos(row.tsNs), Cell::nonZero(row.offsetSeconds), Cell::optional(row.pid),
            user, db, application, client, severity, sqlstate, kind, message, detail, hint, context,
            statement, Cell::optional(row.queryId), Cell::optional(row.durationMs), service, instance, logger,
            trace, span, Cell::reference(Family::AttributeSet, static_cast<std::int64_t>(row.resource)),
            attributes, Cell::reference(Family::Server, static_cast<std::int64_t>(row.server)), pattern};
        std::copy(std::begin(values), std::end(values), addRow(Family::LogEntry, ordinal));
    }
    noteRow(Family::LogEntry, kept, hash64(row.message), static_cast<std::uint64_t>(row.tsNs));
    return LogRef(ordinal);
}

} // namespace tailscope::store
