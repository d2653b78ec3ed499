// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/distribution/grouptable.h"

#include "analysis/skew.h"
#include "base/text.h"
#include "items/distributiongroups.h"
#include "items/distributionmodel.h"
#include "widgets/base/elidedlabel.h"
#include "widgets/base/searchbar.h"
#include "widgets/base/theme.h"
#include "widgets/distribution/groupdelegate.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QHeaderView>
#include <QItemSelectionModel>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QSignalBlocker>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace tailscope::widgets {

using analysis::GroupBy;
using items::DistributionGroups;

namespace {

QString fromUtf8(const std::string &text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

} // namespace

GroupTable::GroupTable(items::DistributionModel *model, QWidget *parent)
    : QWidget(parent)
    , m_model(model)
    , m_groups(new DistributionGroups(this))
    , m_groupBy(new QComboBox(this))
    , m_attribute(new QComboBox(this))
    , m_table(new QTableView(this))
    , m_search(new SearchBar(this))
    , m_footer(new ElidedLabel(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(6, 2, 6, 2);
    auto *label = new QLabel(tr("&Group by"), this);
    label->setBuddy(m_groupBy);
    m_groupBy->addItem(tr("Operation"), int(GroupBy::Operation));
    m_groupBy->addItem(tr("Service"), int(GroupBy::Service));
    m_groupBy->addItem(tr("Instance"), int(GroupBy::Instance));
    m_groupBy->addItem(tr("Status"), int(GroupBy::Status));
    m_groupBy->addItem(tr("HTTP Class"), int(GroupBy::HttpClass));
    m_groupBy->addItem(tr("HTTP Class, 429 and 503"), int(GroupBy::HttpCode));
    m_groupBy->addItem(tr("Thread or Worker"), int(GroupBy::Thread));
    m_groupBy->addItem(tr("Attribute"), int(GroupBy::Attribute));
    m_attribute->setEditable(true);
    m_attribute->setInsertPolicy(QComboBox::NoInsert);
    m_attribute->setMinimumContentsLength(18);
    m_attribute->setAccessibleName(tr("Attribute key"));
    m_attribute->setToolTip(tr("A key such as service.version or tenant.id; Enter groups by its values"));
    m_attribute->hide();
    m_groupBy->setAccessibleName(tr("Group by"));
    bar->addWidget(label);
    bar->addWidget(m_groupBy);
    bar->addWidget(m_attribute);
    bar->addStretch(1);
    layout->addLayout(bar);
    m_search->hide();
    layout->addWidget(m_search);
    layout->addWidget(m_table, 1);
    layout->addWidget(m_footer);

    m_table->setModel(m_groups);
    m_table->setItemDelegate(new GroupDelegate(m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setAlternatingRowColors(true);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->setAccessibleName(tr("Groups of spans"));
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(DistributionGroups::Total, Qt::DescendingOrder);

    auto *copy = new QAction(tr("Copy Rows"), m_table);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    connect(copy, &QAction::triggered, this, &GroupTable::copyRows);
    m_table->addAction(copy);

    connect(m_model, &items::DistributionModel::groupsChanged, this, &GroupTable::showGroups);
    connect(m_groupBy, &QComboBox::activated, this,
        [this](int index) { setGroupBy(GroupBy(m_groupBy->itemData(index).toInt())); });
    connect(m_attribute, &QComboBox::textActivated, this, &GroupTable::setAttribute);
    connect(m_attribute->lineEdit(), &QLineEdit::returnPressed, this,
        [this] { setAttribute(m_attribute->currentText()); });
    connect(m_model, &items::DistributionModel::attributeKeysChanged, this, &GroupTable::showKeys);
    connect(m_table, &QTableView::customContextMenuRequested, this, &GroupTable::showMenu);
    connect(m_table, &QTableView::activated, this, &GroupTable::filterToCurrent);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this,
        &GroupTable::updateChosen);
    connect(m_search, &SearchBar::changed, this, [this] { search(0); });
    connect(m_search, &SearchBar::nextRequested, this, [this] { search(1); });
    connect(m_search, &SearchBar::previousRequested, this, [this] { search(-1); });
    connect(m_search, &SearchBar::closed, m_table, qOverload<>(&QWidget::setFocus));
    setFocusProxy(m_table);
    showGroups();
}

void GroupTable::setGroupBy(GroupBy groupBy)
{
    const int index = m_groupBy->findData(int(groupBy));
    if (index < 0)
        return;
    m_groupBy->setCurrentIndex(index);
    m_attribute->setVisible(groupBy == GroupBy::Attribute);
    if (groupBy == GroupBy::Attribute)
        showKeys();
    m_model->setGroupBy(groupBy);
}

void GroupTable::setAttribute(const QString &key)
{
    m_attribute->setCurrentText(key.trimmed());
    m_model->setAttribute(key.trimmed());
}

void GroupTable::showKeys()
{
    const QString written = m_attribute->currentText();
    const QSignalBlocker quiet(m_attribute);
    m_attribute->clear();
    m_attribute->addItems(m_model->attributeKeys());
    m_attribute->setCurrentText(written);
    m_attribute->lineEdit()->setPlaceholderText(tr("choose a key"));
}

/// How unevenly the groups share the load: a statement about instances, workers and keys (FT-13), so it
/// leaves out the rest past the limit and spans without a value.
QStringList GroupTable::skewTexts() const
{
    std::vector<double> counts;
    std::vector<Nanos> slow;
    for (int row = 0; row < m_groups->rowCount(); ++row) {
        const analysis::GroupStats &group = m_groups->group(row);
        if (m_groups->isOther(row) || group.name.empty())
            continue;
        counts.push_back(group.weight);
        if (group.figures[3].value != kUnknownNanos && !group.figures[3].tooFewSamples)
            slow.push_back(group.figures[3].value);
    }
    const analysis::Skew skew = analysis::skewOf(counts);
    if (!skew.isKnown())
        return {};
    QStringList parts{tr("spans max/mean %1, CoV %2, largest %3 %")
                          .arg(skew.maxOverMean, 0, 'g', 3)
                          .arg(skew.variation, 0, 'g', 3)
                          .arg(skew.topShare * 100, 0, 'f', 1)};
    if (slow.size() >= 2) {
        std::sort(slow.begin(), slow.end());
        const Nanos median = slow[(slow.size() - 1) / 2];
        if (median > 0)
            parts << tr("worst P99 %1 x that of the median group")
                         .arg(double(slow.back()) / double(median), 0, 'g', 3);
    }
    return parts;
}

void GroupTable::showGroups()
{
    const auto stats = m_model->stats();
    const bool sameKind = m_groups->groupBy() == m_model->groupsBy();
    const QStringList wanted = sameKind ? m_chosen : QStringList();
    m_restoring = true;
    // The scale of the shapes is that of the durations, whatever the histogram shows.
    Nanos low = std::numeric_limits<Nanos>::max(), high = 0;
    if (m_model->groups()) {
        for (const analysis::GroupStats &group : *m_model->groups()) {
            if (group.histogram.total() == 0)
                continue;
            const int first = group.histogram.bucketOfRank(1),
                      last = group.histogram.bucketOfRank(group.histogram.total());
            low = std::min(low, analysis::LogLinearHistogram::lowerBound(first));
            high = std::max(high, analysis::LogLinearHistogram::upperBound(last));
        }
    }
    m_groups->setGroups(m_model->groups(), m_model->groupsBy(), m_model->hasOtherGroup(), std::min(low, high),
        high);
    QItemSelection selection;
    m_chosen.clear();
    for (const QString &name : wanted) {
        const int row = m_groups->rowOfName(name);
        if (row < 0)
            continue;
        m_chosen << name;
        selection.select(m_groups->index(row, 0), m_groups->index(row, DistributionGroups::ColumnCount - 1));
    }
    m_table->selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect);
    m_restoring = false;
    m_groups->setOverlays(m_chosen.mid(0, kMaxOverlays));
    chooseOperation(m_wanted);
    if (!m_fitted && m_groups->rowCount() > 0)
        fitColumns();
    updateFooter();
    Q_EMIT overlaysChanged();
}

void GroupTable::chooseOperation(const QString &operation)
{
    m_wanted = operation;
    if (operation.isEmpty() || m_groups->groupBy() != GroupBy::Operation)
        return;
    const int row = m_groups->rowOfName(operation);
    if (row < 0)
        return;
    m_wanted.clear();
    if (m_chosen == QStringList(operation))
        return;
    m_isFollowing = true;
    m_table->selectRow(row);
    m_table->scrollTo(m_groups->index(row, 0));
    m_isFollowing = false;
}

void GroupTable::fitColumns()
{
    m_fitted = true;
    m_table->resizeColumnsToContents();
    m_table->setColumnWidth(DistributionGroups::Name,
        std::clamp(m_table->columnWidth(DistributionGroups::Name), 140, 340));
    for (int column = DistributionGroups::Count; column < DistributionGroups::Shape; ++column)
        m_table->setColumnWidth(column, std::max(m_table->columnWidth(column), 64));
}

QList<int> GroupTable::selectedRows() const
{
    QList<int> rows;
    const QModelIndexList selected = m_table->selectionModel()->selectedRows();
    for (const QModelIndex &index : selected)
        rows << index.row();
    std::sort(rows.begin(), rows.end());
    return rows;
}

void GroupTable::updateChosen()
{
    if (m_restoring)
        return;
    QStringList selected;
    for (const int row : selectedRows())
        selected << m_groups->name(row);
    // Colours stay with their groups while others come and go.
    QStringList next;
    for (const QString &name : std::as_const(m_chosen)) {
        if (selected.contains(name))
            next << name;
    }
    for (const QString &name : std::as_const(selected)) {
        if (!next.contains(name))
            next << name;
    }
    if (next == m_chosen)
        return;
    m_chosen = next;
    m_groups->setOverlays(m_chosen.mid(0, kMaxOverlays));
    updateFooter();
    Q_EMIT overlaysChanged();
    const bool isOne = m_chosen.size() == 1 && selected.size() == 1;
    if (isOne && !m_isFollowing && m_groups->groupBy() == GroupBy::Operation
        && !m_groups->isOther(m_groups->rowOfName(m_chosen.first())))
        Q_EMIT operationChosen(m_chosen.first());
}

void GroupTable::updateFooter()
{
    const QList<int> selected = selectedRows();
    std::int64_t count = 0, errors = 0;
    double total = 0, self = 0;
    const auto add = [&](int row) {
        const analysis::GroupStats &group = m_groups->group(row);
        count += group.count;
        errors += group.errors;
        total += group.totalNs;
        self += group.selfNs;
    };
    if (selected.isEmpty()) {
        for (int row = 0; row < m_groups->rowCount(); ++row)
            add(row);
    } else {
        for (const int row : selected)
            add(row);
    }
    QStringList parts;
    if (selected.isEmpty())
        parts << tr("%n group(s)", nullptr, m_groups->rowCount());
    else
        parts << tr("%n selected", nullptr, int(selected.size()));
    if (selected.size() > kMaxOverlays)
        parts << tr("%1 drawn").arg(kMaxOverlays);
    parts << tr("%1 spans").arg(fromUtf8(groupedCount(count)))
          << tr("%1 errors").arg(fromUtf8(groupedCount(errors)))
          << tr("total %1").arg(fromUtf8(humanMillis(total / 1e6)))
          << tr("self %1").arg(fromUtf8(humanMillis(self / 1e6)));
    if (selected.isEmpty())
        parts << skewTexts();
    if (const auto stats = m_model->stats(); stats && stats->weighted)
        parts << tr("percentiles and skew weighted by sampling, counts are of kept spans");
    if (m_model->isSelfTime())
        parts << tr("percentiles here are of durations");
    m_footer->setText(parts.join(QStringLiteral(" · ")));
}

void GroupTable::startSearch() { m_search->activate(); }

void GroupTable::search(int direction)
{
    if (m_search->text().isEmpty()) {
        m_search->setResultText({});
        return;
    }
    const QRegularExpression pattern = m_search->expression();
    QList<int> found;
    qsizetype at = -1;
    for (int row = 0; row < m_groups->rowCount(); ++row) {
        if (!pattern.match(m_groups->title(row)).hasMatch())
            continue;
        if (row == m_table->currentIndex().row())
            at = found.size();
        found << row;
    }
    m_search->setResultText(tr("%n match(es)", nullptr, int(found.size())));
    if (found.isEmpty())
        return;
    const qsizetype next = at < 0 ? 0 : (at + direction + found.size()) % found.size();
    m_table->selectRow(found.at(next));
    m_table->scrollTo(m_groups->index(found.at(next), 0));
}

void GroupTable::filterToCurrent()
{
    const QModelIndex current = m_table->currentIndex();
    const QString terms = current.isValid() ? m_groups->filterTerms(current.row()) : QString();
    if (!terms.isEmpty())
        Q_EMIT filterRequested(terms);
}

void GroupTable::excludeSelected()
{
    QStringList terms;
    for (const int row : selectedRows())
        terms << m_groups->excludeTerms(row);
    terms.removeAll(QString());
    if (!terms.isEmpty())
        Q_EMIT excludeRequested(terms.join(QLatin1Char(' ')));
}

void GroupTable::copyRows()
{
    QList<int> rows = selectedRows();
    if (rows.isEmpty()) {
        for (int row = 0; row < m_groups->rowCount(); ++row)
            rows << row;
    }
    QApplication::clipboard()->setText(m_groups->toText(rows));
}

void GroupTable::showMenu(const QPoint &position)
{
    const QList<int> rows = selectedRows();
    const QModelIndex current = m_table->currentIndex();
    const bool filterable = current.isValid() && !m_groups->isOther(current.row());
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(themedIcon(QStringLiteral("filter")), tr("&Filter to This"), this,
            &GroupTable::filterToCurrent)
        ->setEnabled(filterable);
    menu->addAction(tr("E&xclude This"), this, &GroupTable::excludeSelected)
        ->setEnabled(filterable && !rows.isEmpty());
    menu->addSeparator();
    menu->addAction(themedIcon(QStringLiteral("copy")),
        rows.isEmpty() ? tr("&Copy All Rows") : tr("&Copy Rows"), this, &GroupTable::copyRows);
    menu->addAction(tr("Clear &Selection"), m_table, &QTableView::clearSelection)
        ->setEnabled(!rows.isEmpty());
    menu->addSeparator();
    menu->addAction(themedIcon(QStringLiteral("console")), tr("Show S&QL"), this, &GroupTable::sqlRequested);
    menu->popup(m_table->viewport()->mapToGlobal(position));
}

} // namespace tailscope::widgets
