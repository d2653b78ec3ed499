// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/planfacts.h"

#include <QString>
#include <QVariant>

namespace tailscope::items {

/// The columns of a plan's nodes and the roles of their cells, the same as a tree and as a list.
struct PlanColumns
{
    enum Column {
        Node,
        SelfTime,
        SelfShare,
        WallTime,
        Rows,
        RowsFactor,
        Loops,
        Buffers,
        Read,
        ReadRate,
        Removed,
        RemovedShare,
        Temp,
        HeapFetches,
        Doubt,
        Cost,
        Path,
        ColumnCount
    };
    enum Role {
        BarRole = Qt::UserRole, ///< 0..1: share to draw behind the text
        SortRole,
        NodeIdRole,
        SourceLineRole,
        LevelRole, ///< 0 none, 1 notice, 2 warning, 3 critical (widgets choose the colour)
        NodeIndexRole, ///< index in PlanFacts::nodes
    };
    static QString title(int column);
    static QString help(int column);
};

/// Texts and figures of one plan's cells. A view on facts that must outlive it; any thread.
class PlanCells : public PlanColumns
{
public:
    explicit PlanCells(const analysis::PlanFacts &facts)
        : m_facts(facts)
    {}
    QString text(int node, int column) const;
    QString toolTip(int node, int column) const; ///< exact figures
    double number(int node, int column) const; ///< NaN = the plan does not say; to sort by
    int level(int node, int column) const;
    QVariant data(int node, int column, int role) const;
    /// All that is known of a node, line by line.
    QString summary(int node) const;
    /// "CTE x: Hash Join": the title with what the node is to its parent.
    QString nodeTitle(int node) const;
    /// Titles from the root to the node's parent.
    QString path(int node) const;
    bool hasFigures(int column) const; ///< any node has a value there
    QStringList searchTexts(int node) const; ///< title, conditions, keys

private:
    const analysis::PlanFactsNode &at(int node) const { return m_facts.nodes[std::size_t(node)]; }
    QString buffersTip(const analysis::PlanFactsNode &node) const;
    QString rateTip(const analysis::PlanFactsNode &node) const;
    const analysis::PlanFacts &m_facts;
};

/// Bytes a second that a node read from outside the cache: over its time for I/O when the plan tells it (both
/// summed over processes), else over its self time. NaN = unknown or nothing read.
double planReadRate(const analysis::PlanFactsNode &node);

QString planMillis(std::optional<double> ms); ///< "–" when unknown
QString planCount(std::optional<double> count);
QString planBlocks(std::optional<std::int64_t> blocks); ///< as bytes, "–" when unknown
QString planPercent(std::optional<double> share);
/// "12 × more", "exact"; empty when not comparable.
QString planFactorText(std::optional<double> factor);

} // namespace tailscope::items
