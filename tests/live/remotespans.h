// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Spans spread over shards for the tests of remote stores.
#pragma once

#include "store/bulkwriter.h"
#include "tests/live/liveserver.h"

#include <QByteArray>

namespace tailscope::tests {

inline constexpr int kShards = 3, kSpansAShard = 100'000;

// Five spans a trace, 20 ms apart; durations over nine powers of ten, some unknown, some negative.
inline const char *const kMakeSpans = R"sql(
CREATE TABLE spans_local (shard int NOT NULL, trace_id text, span_id text, parent_span_id text, service_name text,
  operation text, start_time timestamptz NOT NULL, duration_ns bigint, status_code text, attributes jsonb, tenant text);
INSERT INTO spans_local
SELECT %1, md5('%1-' || g / 5), substr(md5('%1.' || g), 1, 16),
  CASE WHEN g % 5 > 0 THEN substr(md5('%1.' || g / 5 * 5), 1, 16) END,
  (ARRAY['api', 'db', 'cache'])[1 + g % 3], 'op' || g % 7,
  '2026-03-02 12:00:00+00'::timestamptz + g * interval '20 milliseconds',
  CASE WHEN g % 997 = 0 THEN NULL WHEN g % 991 = 0 THEN -5
    ELSE (exp((h & 65535) / 65536.0 * 20) + h % 1000 + CASE WHEN g % 40 = 3 THEN 4e8 ELSE 0 END)::bigint END,
  CASE WHEN g % 53 = 0 THEN 'ERROR' WHEN g % 59 = 0 THEN NULL ELSE 'OK' END,
  CASE WHEN g % 61 = 0 THEN NULL ELSE jsonb_build_object('region', CASE WHEN g % 40 = 3 THEN 'eu "west"' ELSE 'r' || g % 4 END,
    'size', g % 10) END,
  't' || g % 3
FROM (SELECT g, ('x' || substr(md5('%1:' || g), 1, 8))::bit(32)::bigint AS h FROM generate_series(1, %2) AS g) AS s;
CREATE INDEX ON spans_local (start_time);
ANALYZE spans_local;
)sql";

/// The spans of one shard, read by another program than the product, into a workspace.
inline void importShard(Psql &shard, store::BulkWriter &writer)
{
    const auto rows
        = shard.rows("SELECT trace_id, span_id, coalesce(parent_span_id, ''), service_name, operation, "
                     "(extract(epoch FROM start_time) * 1000000)::bigint, coalesce(duration_ns::text, ''), "
                     "coalesce(status_code, ''), coalesce(attributes ->> 'region', ''), coalesce(attributes "
                     "->> 'size', ''), tenant "
                     "FROM spans_local");
    for (const auto &row : rows) {
        TrackRow track;
        track.service = track.process = row[3];
        track.shape = TrackRow::Shape::Linked;
        std::vector<Attribute> attributes;
        const auto add = [&](const char *key, const std::string &value) {
            Attribute attribute;
            attribute.key = key;
            attribute.type = AttributeType::Text;
            attribute.text = value;
            if (!value.empty())
                attributes.push_back(attribute);
        };
        add("region", row[8]);
        add("size", row[9]);
        add("tenant", row[10]);
        SpanRow span;
        span.track = writer.track(track);
        span.trace = writer.trace(std::string_view(row[0]));
        span.key = {SpanKey::Kind::Text, 0, row[1]};
        if (!row[2].empty())
            span.parentKey = {SpanKey::Kind::Text, 0, row[2]};
        span.operation = row[4];
        span.startNs = QByteArray::fromStdString(row[5]).toLongLong() * 1000;
        const qint64 duration = QByteArray::fromStdString(row[6]).toLongLong();
        if (!row[6].empty() && duration >= 0)
            span.durationNs = duration;
        else
            span.quality = row[6].empty() ? SpanNoEnd : SpanNegativeDuration;
        span.status = row[7] == "ERROR" ? SpanStatus::Error : SpanStatus::Unset;
        span.attributes = attributes;
        writer.span(span);
    }
}

} // namespace tailscope::tests
