// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/rangestats.h"

#include <QString>

namespace tailscope::items {

/// What the distribution is about, as its queries need it.
struct DistributionSqlScope
{
    QString condition; ///< SessionContext::whereSql()
    bool self = false; ///< self_ns instead of duration_ns
    bool weighted = false; ///< by the weight of the trace
};

/// One row: counts, percentiles, mean.
QString distributionFiguresSql(const DistributionSqlScope &scope);
/// attribute: the key, for GroupBy::Attribute. One row a group, largest total first; percentiles are of
/// durations.
QString distributionGroupsSql(const DistributionSqlScope &scope, analysis::GroupBy groupBy,
    const QString &attribute = {});
/// One row a bin of time that holds spans.
QString distributionBinsSql(const DistributionSqlScope &scope, TimeRange range, Nanos binNs);

} // namespace tailscope::items
