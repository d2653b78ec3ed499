// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/criticalpath/whatifpanel.h"

#include "base/text.h"
#include "items/criticalpathmodel.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QJsonObject>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QShortcut>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

using analysis::WhatIfEdit;

namespace {

constexpr int kListedRows = 3;

QString fromUtf8(const std::string &text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

QString duration(double ns) { return fromUtf8(humanDuration(Nanos(std::llround(ns)))); }

QString count(std::int64_t n) { return fromUtf8(groupedCount(n)); }

/// "120 ms → 90 ms (-25 %)".
QString step(double before, double after)
{
    QString text = QStringLiteral("%1 → %2").arg(duration(before), duration(after));
    if (before > 0) {
        const double change = (after - before) / before * 100;
        text += QStringLiteral(" (%1%2 %)")
                    .arg(change > 0 ? QStringLiteral("+") : QString())
                    .arg(QString::number(change, 'f', std::abs(change) >= 10 || change == 0 ? 0 : 1));
    }
    return text;
}

} // namespace

WhatIfPanel::WhatIfPanel(items::CriticalPathModel *model, QWidget *parent)
    : QWidget(parent)
    , m_model(model)
    , m_target(new QLabel(this))
    , m_result(new QLabel(this))
    , m_change(new QComboBox(this))
    , m_amount(new QDoubleSpinBox(this))
    , m_add(new QPushButton(tr("&Add Change"), this))
    , m_clear(new QPushButton(tr("C&lear"), this))
    , m_list(new QListWidget(this))
{
    m_change->addItem(tr("faster by"), int(Change::Faster));
    m_change->addItem(tr("at most"), int(Change::Cap));
    m_change->addItem(tr("removed"), int(Change::Remove));
    m_change->addItem(tr("asynchronous: nobody waits for it"), int(Change::Async));
    m_change->addItem(tr("in parallel with its siblings"), int(Change::Parallel));
    m_change->setAccessibleName(tr("Change"));
    m_amount->setAccessibleName(tr("Amount"));
    m_target->setTextFormat(Qt::PlainText);
    m_result->setTextFormat(Qt::PlainText);
    m_result->setWordWrap(true);
    m_result->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_result->setAccessibleName(tr("Result of the changes"));
    m_list->setAccessibleName(tr("Changes"));
    m_list->setToolTip(tr("Delete removes a change"));
    m_list->setFixedHeight(kListedRows * (fontMetrics().height() + 4) + 6);
    m_clear->setToolTip(tr("Removes all changes"));

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 6, 8, 8);
    layout->setSpacing(5);
    auto *bar = new QHBoxLayout;
    bar->addWidget(m_target, 1);
    bar->addWidget(m_change);
    bar->addWidget(m_amount);
    bar->addWidget(m_add);
    bar->addWidget(m_clear);
    layout->addLayout(bar);
    auto *body = new QHBoxLayout;
    body->addWidget(m_list, 2);
    body->addWidget(m_result, 3);
    layout->addLayout(body);

    auto *remove = new QShortcut(QKeySequence(QKeySequence::Delete), m_list);
    remove->setContext(Qt::WidgetShortcut);
    connect(remove, &QShortcut::activated, this, &WhatIfPanel::removeChosen);
    connect(m_change, &QComboBox::currentIndexChanged, this, &WhatIfPanel::updateFields);
    connect(m_add, &QPushButton::clicked, this, &WhatIfPanel::addEdit);
    connect(m_clear, &QPushButton::clicked, this, &WhatIfPanel::clearEdits);
    connect(m_model, &items::CriticalPathModel::whatIfChanged, this, &WhatIfPanel::showResult);
    updateFields();
    setRow(-1);
    showEdits();
}

void WhatIfPanel::setRow(int row)
{
    m_row = row;
    m_add->setEnabled(row >= 0);
    if (row < 0) {
        m_target->setText(tr("What if: choose an operation above"));
        return;
    }
    const analysis::CriticalOperation &at = m_model->operation(row);
    const QString name = fontMetrics().elidedText(fromUtf8(at.operation), Qt::ElideMiddle, 420);
    m_target->setText(
        at.isGap ? tr("What if the gaps in %1 were").arg(name) : tr("What if %1 were").arg(name));
    // Gaps can only shrink: nobody can cap or move what no span tells of.
    if (at.isGap)
        m_change->setCurrentIndex(m_change->findData(int(Change::Faster)));
    m_change->setEnabled(!at.isGap);
}

void WhatIfPanel::updateFields()
{
    const auto change = Change(m_change->currentData().toInt());
    m_amount->setVisible(change == Change::Faster || change == Change::Cap);
    if (change == Change::Faster) {
        m_amount->setRange(-900, 100);
        m_amount->setDecimals(0);
        m_amount->setSuffix(tr(" %"));
        m_amount->setValue(50);
        m_amount->setToolTip(tr("100 % = it takes no time; less than 0 = it takes longer"));
    } else if (change == Change::Cap) {
        m_amount->setRange(0, 1e9);
        m_amount->setDecimals(3);
        m_amount->setSuffix(tr(" ms"));
        m_amount->setValue(20);
        m_amount->setToolTip(tr("Spans that take longer end after so long"));
    }
}

void WhatIfPanel::addEdit()
{
    if (m_row < 0)
        return;
    const analysis::CriticalOperation &at = m_model->operation(m_row);
    WhatIfEdit edit;
    edit.operation = at.operation;
    edit.service = at.service;
    switch (Change(m_change->currentData().toInt())) {
    case Change::Faster:
        edit.kind = at.isGap ? WhatIfEdit::Kind::ScaleGaps : WhatIfEdit::Kind::Scale;
        edit.factor = 1 - m_amount->value() / 100;
        break;
    case Change::Cap:
        edit.kind = WhatIfEdit::Kind::Cap;
        edit.cap = Nanos(std::llround(m_amount->value() * double(kNanosPerMilli)));
        break;
    case Change::Remove:
        edit.kind = WhatIfEdit::Kind::Remove;
        break;
    case Change::Async:
        edit.kind = WhatIfEdit::Kind::Async;
        break;
    case Change::Parallel:
        edit.kind = WhatIfEdit::Kind::Parallel;
        break;
    }
    auto edits = m_model->edits();
    edits.push_back(edit);
    m_model->setEdits(edits);
    showEdits();
}

void WhatIfPanel::clearEdits()
{
    m_model->setEdits({});
    showEdits();
}

void WhatIfPanel::removeChosen()
{
    auto edits = m_model->edits();
    const int row = m_list->currentRow();
    if (row < 0 || row >= int(edits.size()))
        return;
    edits.erase(edits.begin() + row);
    m_model->setEdits(edits);
    showEdits();
    m_list->setCurrentRow(std::min(row, m_list->count() - 1));
}

void WhatIfPanel::showEdits()
{
    m_list->clear();
    for (const WhatIfEdit &edit : m_model->edits()) {
        m_list->addItem(items::CriticalPathModel::editText(edit));
        m_list->item(m_list->count() - 1)->setToolTip(items::CriticalPathModel::editText(edit));
    }
    m_clear->setEnabled(m_list->count() > 0);
    showResult();
}

QString WhatIfPanel::resultText() const { return m_result->text(); }

void WhatIfPanel::showResult()
{
    const auto result = m_model->whatIf();
    if (m_model->edits().empty()) {
        m_result->setText(
            tr("Changes are run through every trace with its dependencies kept; gains are never "
               "added up."));
        return;
    }
    if (!result) {
        m_result->setText(tr("Running the traces again…"));
        return;
    }
    QStringList lines{tr("P50 %1 · P99 %2 · mean %3")
                          .arg(step(double(result->p50Before), double(result->p50After)),
                              step(double(result->p99Before), double(result->p99After)),
                              step(result->meanBefore, result->meanAfter)),
        tr("%1 of %2 traces hold such spans, %3 end earlier. Run again with dependencies kept, not summed.")
            .arg(count(result->changed), count(result->traces), count(result->faster))};
    if (result->traces < analysis::minimumSamples(analysis::kP99))
        lines << tr("n too small for P99");
    if (result->weighted)
        lines << tr("weighted by sampling");
    if (result->changed > 0 && result->faster == 0 && result->p50After <= result->p50Before)
        lines << tr("No gain: something else is waited for at the same time.");
    m_result->setText(lines.join(QLatin1Char('\n')));
}

QJsonArray WhatIfPanel::saveState() const
{
    QJsonArray edits;
    for (const WhatIfEdit &edit : m_model->edits())
        edits.append(QJsonObject{{QStringLiteral("kind"), int(edit.kind)},
            {QStringLiteral("operation"), fromUtf8(edit.operation)},
            {QStringLiteral("service"), fromUtf8(edit.service.value_or(std::string()))},
            {QStringLiteral("factor"), edit.factor}, {QStringLiteral("cap_ns"), double(edit.cap)}});
    return edits;
}

void WhatIfPanel::restoreState(const QJsonArray &state)
{
    items::CriticalPathModel::Edits edits;
    for (const auto &value : state) {
        const QJsonObject object = value.toObject();
        WhatIfEdit edit;
        const int kind = object.value(QStringLiteral("kind")).toInt(-1);
        if (kind < 0 || kind > int(WhatIfEdit::Kind::Parallel))
            continue;
        edit.kind = WhatIfEdit::Kind(kind);
        edit.operation = object.value(QStringLiteral("operation")).toString().toStdString();
        edit.service = object.value(QStringLiteral("service")).toString().toStdString();
        edit.factor = object.value(QStringLiteral("factor")).toDouble(1);
        edit.cap = Nanos(std::clamp(object.value(QStringLiteral("cap_ns")).toDouble(), 0.0, 9e18));
        edits.push_back(edit);
    }
    m_model->setEdits(edits);
    showEdits();
}

} // namespace tailscope::widgets
