// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "store/rows.h"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tailscope::import {

/// What a metric's samples are put together to.
enum class MetricRowKind { None, Pool, Replica, Slot, Queue, Cache, Setting, Config };

/// What resources/metrics.toml says of one foreign name. Texts live as long as the catalog.
struct MetricMeaning
{
    enum class Share { No, Each, One };
    std::string canonical, unit, from;
    std::optional<SeriesKind> kind;
    std::vector<std::pair<std::string, std::string>> labels; ///< that the name implies
    MetricRowKind row = MetricRowKind::None;
    std::string rowKind; ///< connection, thread, worker
    std::vector<std::string> subject, group, instance; ///< labels, in the order of preference
    bool joined = false;
    std::string column, sum, count, percentiles, prefix;
    std::vector<std::string> by; ///< label that tells the column
    std::map<std::string, std::string, std::less<>> columns;
    std::map<std::string, std::int64_t> also;
    Share share = Share::No;

    /// Columns of its row that it may fill.
    std::vector<std::string> allColumns() const;
};

/// Which part of a timer or histogram a name stands for.
enum class MetricPart { Whole, Sum, Count, Bucket };

/// Foreign metric names and what they mean. Immutable once read; any thread.
class MetricCatalog
{
public:
    struct Found
    {
        const MetricMeaning *meaning = nullptr;
        MetricPart part = MetricPart::Whole;
        std::string canonical; ///< with what "*" stood for; without ".sum", ".count"
        std::string_view subject; ///< of the name asked for: what a leading "*" stood for
        std::string_view unit; ///< that the name ends in, where the catalog's name does not; may be empty
    };

    /// The one built in (resources/metrics.toml).
    static const MetricCatalog &builtin();
    static Result<MetricCatalog> parse(std::string_view toml, const std::string &file);

    Found find(std::string_view foreignName) const;
    const std::deque<MetricMeaning> &meanings() const { return m_meanings; }

private:
    struct Pattern
    {
        std::string before, after;
        const MetricMeaning *meaning;
    };
    bool findNormal(std::string_view name, std::string_view foreign, Found &found) const;

    std::deque<MetricMeaning> m_meanings; ///< stable addresses
    std::unordered_map<std::string, const MetricMeaning *> m_names;
    std::vector<Pattern> m_patterns; ///< longest first

    friend class CatalogReader;
};

/// Lower case, every character that is neither letter nor digit "_", without "_total".
std::string normalizedMetricName(std::string_view name);

} // namespace tailscope::import
