// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"
#include "items/celltable.h"

#include <optional>
#include <string_view>

/// Cells of figures: what is unknown says so and is sorted last; the tooltip has the exact value.
namespace tailscope::items::cells {

QString fromUtf8(std::string_view text);

TableCell text(const QString &text, const QString &toolTip = {});
/// why: what an unknown figure says ("not on this version"); empty = a dash.
TableCell count(const std::optional<std::int64_t> &value, const QString &why = {});
TableCell real(const std::optional<double> &value, const QString &unit, int digits = 3,
    const QString &why = {});
TableCell bytes(const std::optional<std::int64_t> &value, const QString &why = {});
TableCell millis(const std::optional<double> &value, const QString &why = {});
TableCell share(const std::optional<double> &value, bool withBar = false, const QString &why = {}); ///< 0..1
/// A time as its age at the moment; the tooltip has the time itself. never: what no time says.
TableCell age(const std::optional<Nanos> &time, Nanos moment, const QString &never);

QString perSecond(double value); ///< "12.3/s"
QString number(double value); ///< grouped when large, three digits when small

/// A header and all rows as CSV, with the values instead of the texts where they are known.
QString csv(const QAbstractItemModel &model);

/// Rows of which some cell contains each of the words.
QVector<TableRow> matching(const QVector<TableRow> &rows, const QString &words);

} // namespace tailscope::items::cells
