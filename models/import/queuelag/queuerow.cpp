// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/queuelag/queuerow.h"

#include <vector>

namespace tailscope::import {

void writeQueue(RowSink &sink, const QueueRow &row)
{
    std::vector<RecordField> fields;
    const auto text = [&](std::string_view column, const std::string &value) {
        if (!value.empty())
            fields.push_back({column, std::string_view(value)});
    };
    const auto real = [&](std::string_view column, std::optional<double> value) {
        if (value)
            fields.push_back({column, *value});
    };
    const auto whole = [&](std::string_view column, std::optional<std::int64_t> value) {
        if (value)
            fields.push_back({column, *value});
    };
    text("queue", row.queue);
    text("partition", row.partition);
    text("consumer_group", row.group);
    if (row.tsNs != kUnknownNanos)
        fields.push_back({"ts_ns", row.tsNs});
    real("depth", row.depth);
    real("arrived", row.arrived);
    real("completed", row.completed);
    real("members", row.members);
    whole("assigned", row.assigned);
    real("oldest_age_ms", row.oldestMs);
    real("retention_ms", row.retentionMs);
    real("in_flight", row.inFlight);
    real("delayed", row.delayed);
    real("failed", row.failed);
    whole("position", row.position);
    whole("end_position", row.end);
    RecordRow record{};
    record.table = RecordTable::QueueSample;
    record.fields = fields;
    sink.record(record);
}

} // namespace tailscope::import
