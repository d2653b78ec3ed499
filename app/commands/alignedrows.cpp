// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/alignedrows.h"

#include <QStringList>
#include <QTextStream>

#include <algorithm>

namespace tailscope::app {

void printAligned(QTextStream &out, const std::vector<std::vector<QString>> &cells,
    const std::vector<bool> &numeric)
{
    std::vector<qsizetype> widths(numeric.size());
    for (const auto &row : cells) {
        for (std::size_t c = 0; c < row.size(); ++c)
            widths[c] = std::max(widths[c], row[c].size());
    }
    for (std::size_t r = 0; r < cells.size(); ++r) {
        QString line;
        for (std::size_t c = 0; c < cells[r].size(); ++c) {
            const bool last = c + 1 == cells[r].size();
            const QString &cell = cells[r][c];
            line += numeric[c] ? cell.rightJustified(widths[c]) : last ? cell : cell.leftJustified(widths[c]);
            if (!last)
                line += QStringLiteral("  ");
        }
        out << line << "\n";
        if (r == 0) {
            QStringList rules;
            for (const qsizetype width : widths)
                rules << QString(width, QLatin1Char('-'));
            out << rules.join(QStringLiteral("  ")) << "\n";
        }
    }
}

} // namespace tailscope::app
