// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/budget/budgetchanges.h"

#include "items/budgetmodel.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QJsonObject>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QShortcut>
#include <QSpinBox>

#include <algorithm>

namespace tailscope::widgets {

using analysis::BudgetEdit;
using items::BudgetModel;

namespace {

constexpr int kUnaccounted = -1, kNewCall = -2;

} // namespace

BudgetChanges::BudgetChanges(BudgetModel *model, QWidget *parent)
    : QWidget(parent)
    , m_model(model)
    , m_target(new QComboBox(this))
    , m_change(new QComboBox(this))
    , m_amount(new QDoubleSpinBox(this))
    , m_count(new QSpinBox(this))
    , m_add(new QPushButton(tr("&Add"), this))
    , m_suggest(new QPushButton(tr("S&uggest"), this))
    , m_list(new QListWidget(this))
    , m_result(new QLabel(this))
{
    buildLayout();
    auto *remove = new QShortcut(QKeySequence(QKeySequence::Delete), m_list);
    remove->setContext(Qt::WidgetShortcut);
    connect(remove, &QShortcut::activated, this, &BudgetChanges::removeChosen);
    connect(m_target, &QComboBox::currentIndexChanged, this, &BudgetChanges::updateFields);
    connect(m_change, &QComboBox::currentIndexChanged, this, &BudgetChanges::updateFields);
    connect(m_add, &QPushButton::clicked, this, &BudgetChanges::addChange);
    connect(m_suggest, &QPushButton::clicked, m_model, &BudgetModel::suggest);
    connect(m_list, &QListWidget::itemChanged, this, &BudgetChanges::takeChecks);
    m_add->setEnabled(false); // until there is a budget
    connect(m_model, &BudgetModel::changed, this, &BudgetChanges::fillTargets);
    connect(m_model, &BudgetModel::whatIfChanged, this, &BudgetChanges::showChanges);
    fillTargets();
    showChanges();
}

void BudgetChanges::buildLayout()
{
    m_change->addItem(tr("at most"), int(BudgetEdit::Kind::Cap));
    m_change->addItem(tr("side by side"), int(BudgetEdit::Kind::Parallel));
    m_change->addItem(tr("from a cache in"), int(BudgetEdit::Kind::Cache));
    m_change->addItem(tr("removed"), int(BudgetEdit::Kind::Remove));
    m_change->addItem(tr("nobody waits for it"), int(BudgetEdit::Kind::Async));
    m_target->setAccessibleName(tr("Component to change"));
    m_change->setAccessibleName(tr("Change"));
    m_amount->setAccessibleName(tr("Time"));
    m_amount->setRange(0, 1e7);
    m_amount->setDecimals(3);
    m_amount->setSuffix(tr(" ms"));
    m_amount->setValue(20);
    m_count->setAccessibleName(tr("Calls from the cache"));
    m_count->setRange(0, 1000);
    m_count->setSpecialValueText(tr("all calls"));
    m_count->setSuffix(tr(" calls"));
    m_suggest->setToolTip(tr("Changes that suggest themselves, cheapest first, in place of these"));
    m_list->setAccessibleName(tr("Changes"));
    m_list->setToolTip(tr("Space takes a change in or out, Delete removes it"));
    m_list->setWordWrap(true);
    m_list->setFrameShape(QFrame::NoFrame);
    m_result->setTextFormat(Qt::PlainText);
    m_result->setWordWrap(true);
    m_result->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_result->setAccessibleName(tr("Result of the changes"));

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 6, 8, 8);
    layout->setSpacing(5);
    auto *title = new QLabel(tr("What if"), this);
    QFont bold = font();
    bold.setBold(true);
    title->setFont(bold);
    layout->addWidget(title);
    auto *fields = new QHBoxLayout;
    fields->addWidget(m_target, 1);
    fields->addWidget(m_change);
    auto *amounts = new QHBoxLayout;
    amounts->addWidget(m_amount);
    amounts->addWidget(m_count);
    amounts->addStretch(1);
    amounts->addWidget(m_add);
    amounts->addWidget(m_suggest);
    layout->addLayout(fields);
    layout->addLayout(amounts);
    layout->addWidget(m_list, 1);
    layout->addWidget(m_result);
}

void BudgetChanges::fillTargets()
{
    const auto report = m_model->report();
    const QVariant before = m_add->isEnabled() ? m_target->currentData() : QVariant(0);
    m_filling = true;
    m_target->clear();
    if (report) {
        for (int i = 0; i < int(report->budget.components.size()); ++i) {
            const BudgetComponent &part = report->budget.components[std::size_t(i)];
            if (part.kind != BudgetKind::Headroom)
                m_target->addItem(QString::fromStdString(part.name), i);
        }
    }
    m_target->addItem(tr("Unaccounted time"), kUnaccounted);
    m_target->addItem(tr("A new call"), kNewCall);
    m_target->setCurrentIndex(std::max(0, m_target->findData(before)));
    m_filling = false;
    m_add->setEnabled(report != nullptr);
    m_suggest->setEnabled(report != nullptr);
    updateFields();
}

void BudgetChanges::updateFields()
{
    if (m_filling)
        return;
    const int target = m_target->currentData().toInt();
    const auto kind = BudgetEdit::Kind(m_change->currentData().toInt());
    m_change->setVisible(target >= 0);
    m_amount->setVisible(target == kNewCall
        || (target >= 0 && (kind == BudgetEdit::Kind::Cap || kind == BudgetEdit::Kind::Cache)));
    m_count->setVisible(target >= 0 && kind == BudgetEdit::Kind::Cache);
}

void BudgetChanges::setComponent(int component)
{
    if (const int index = m_target->findData(component); index >= 0)
        m_target->setCurrentIndex(index);
}

void BudgetChanges::addChange()
{
    const int target = m_target->currentData().toInt();
    BudgetEdit edit;
    if (target == kUnaccounted) {
        edit.kind = BudgetEdit::Kind::RemoveUnaccounted;
    } else if (target == kNewCall) {
        edit.kind = BudgetEdit::Kind::Add;
        edit.ms = m_amount->value();
    } else {
        edit.kind = BudgetEdit::Kind(m_change->currentData().toInt());
        edit.component = target;
        if (edit.kind == BudgetEdit::Kind::Cap || edit.kind == BudgetEdit::Kind::Cache)
            edit.ms = m_amount->value();
        if (edit.kind == BudgetEdit::Kind::Cache)
            edit.count = m_count->value();
    }
    auto changes = m_model->changes();
    changes.append({edit, true});
    m_model->setChanges(changes);
}

void BudgetChanges::removeChosen()
{
    auto changes = m_model->changes();
    const int row = m_list->currentRow();
    if (row < 0 || row >= changes.size())
        return;
    changes.removeAt(row);
    m_model->setChanges(changes);
    m_list->setCurrentRow(std::min(row, m_list->count() - 1));
}

void BudgetChanges::takeChecks()
{
    if (m_filling)
        return;
    auto changes = m_model->changes();
    for (int row = 0; row < m_list->count() && row < changes.size(); ++row)
        changes[row].isChecked = m_list->item(row)->checkState() == Qt::Checked;
    m_model->setChanges(changes);
}

void BudgetChanges::showChanges()
{
    m_filling = true;
    const int row = m_list->currentRow();
    const auto &changes = m_model->changes();
    while (m_list->count() > changes.size())
        delete m_list->takeItem(m_list->count() - 1);
    while (m_list->count() < changes.size())
        m_list->addItem(QString());
    for (int i = 0; i < changes.size(); ++i) {
        const QString outcome = m_model->outcomeText(i);
        const QString text = m_model->changeText(changes[i].edit)
            + (outcome.isEmpty() ? QString() : QStringLiteral("\n") + outcome);
        QListWidgetItem *item = m_list->item(i);
        item->setText(text);
        item->setToolTip(text);
        item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable);
        item->setCheckState(changes[i].isChecked ? Qt::Checked : Qt::Unchecked);
    }
    m_list->setCurrentRow(std::min(row, m_list->count() - 1));
    m_filling = false;
    m_result->setText(m_model->whatIfText());
}

QString BudgetChanges::resultText() const { return m_result->text(); }

QJsonArray BudgetChanges::saveState() const
{
    QJsonArray state;
    for (const BudgetModel::Change &change : m_model->changes())
        state.append(QJsonObject{{QStringLiteral("kind"), int(change.edit.kind)},
            {QStringLiteral("component"), change.edit.component}, {QStringLiteral("ms"), change.edit.ms},
            {QStringLiteral("count"), change.edit.count}, {QStringLiteral("checked"), change.isChecked}});
    return state;
}

void BudgetChanges::restoreState(const QJsonArray &state)
{
    QList<BudgetModel::Change> changes;
    for (const auto &value : state) {
        const QJsonObject object = value.toObject();
        const int kind = object.value(QStringLiteral("kind")).toInt(-1);
        if (kind < 0 || kind > int(BudgetEdit::Kind::Add))
            continue;
        BudgetModel::Change change;
        change.edit.kind = BudgetEdit::Kind(kind);
        change.edit.component = object.value(QStringLiteral("component")).toInt(-1);
        change.edit.ms = std::clamp(object.value(QStringLiteral("ms")).toDouble(), 0.0, 1e9);
        change.edit.count = std::clamp(object.value(QStringLiteral("count")).toInt(), 0, 1000);
        change.isChecked = object.value(QStringLiteral("checked")).toBool(true);
        changes.append(change);
    }
    m_model->setChanges(changes);
}

} // namespace tailscope::widgets
