// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/replication/replicainputs.h"

#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QLineEdit>

namespace tailscope::widgets {

ReplicaInputs::ReplicaInputs(items::ReplicaModel *model, Page page, QWidget *parent)
    : QWidget(parent)
    , m_model(model)
    , m_page(page)
{
    auto *form = new QFormLayout(this);
    form->setContentsMargins(8, 6, 8, 6);
    const items::ReplicaModel::Inputs in = model->inputs();
    const auto text = [](const char *key) { return QString::fromLatin1(key); };
    if (page == Page::Readers) {
        add(form, text("think"), tr("&Think time"), tr(" ms"), in.thinkMs, 1e9,
            tr("Between a write and the read that follows it: 0 for a redirect, about 2,000 for a person"));
        add(form, text("reads"), tr("&Reads"), tr(" /s"), in.readsPerSecond, 1e9,
            tr("Reads per second that follow a write of the same user"));
        add(form, text("token"), tr("To&ken wait"), tr(" ms"), in.tokenWaitMs, 1e9,
            tr("How long a read waits on the replica for the position of the write, before it asks the "
               "primary"));
        add(form, text("apply"), tr("Re&plays"), tr(" MB/s"), 0, 1e6,
            tr("What the replica can replay; 0 = as measured"));
        add(form, text("write"), tr("&Writes"), tr(" MB/s"), 0, 1e6,
            tr("What the primary writes; 0 = as measured"));
    } else {
        add(form, text("flush"), tr("Local &flush"), tr(" ms"), in.hops.localFlush, 1e6,
            tr("fsync on the primary"));
        add(form, text("way"), tr("One &way"), tr(" ms"), in.hops.oneWay, 1e6, tr("Network, one direction"));
        add(form, text("standbyWrite"), tr("Standby write"), tr(" ms"), in.hops.standbyWrite, 1e6,
            tr("Without fsync"));
        add(form, text("standbyFlush"), tr("Standby flush"), tr(" ms"), in.hops.standbyFlush, 1e6,
            tr("fsync on the standby"));
        add(form, text("replay"), tr("A&pply"), tr(" ms"), in.hops.apply, 1e6, tr("Replay on the standby"));
        m_names = new QLineEdit(this);
        m_names->setAccessibleName(tr("synchronous_standby_names"));
        m_names->setPlaceholderText(tr("as imported, or FIRST 1 (a, b), ANY 1 (a, b)"));
        m_names->setToolTip(tr("The list of standbys; empty = as imported"));
        form->addRow(tr("&Standbys"), m_names);
        connect(m_names, &QLineEdit::textChanged, this, &ReplicaInputs::apply);
    }
}

QDoubleSpinBox *ReplicaInputs::add(QFormLayout *form, const QString &key, const QString &label,
    const QString &suffix, double value, double most, const QString &toolTip)
{
    auto *field = new QDoubleSpinBox(this);
    field->setObjectName(key);
    field->setRange(0, most);
    field->setDecimals(1);
    field->setSuffix(suffix);
    field->setValue(value);
    field->setToolTip(toolTip);
    field->setAccessibleName(QString(label).remove(QLatin1Char('&')));
    field->setKeyboardTracking(false);
    if (key == QLatin1String("apply") || key == QLatin1String("write"))
        field->setSpecialValueText(tr("as measured"));
    connect(field, &QDoubleSpinBox::valueChanged, this, &ReplicaInputs::apply);
    form->addRow(label, field);
    return field;
}

QDoubleSpinBox *ReplicaInputs::box(const QString &key) const { return findChild<QDoubleSpinBox *>(key); }

void ReplicaInputs::apply()
{
    items::ReplicaModel::Inputs in = m_model->inputs();
    const auto value = [this](const char *key) { return box(QString::fromLatin1(key))->value(); };
    if (m_page == Page::Readers) {
        in.thinkMs = value("think");
        in.readsPerSecond = value("reads");
        in.tokenWaitMs = value("token");
        in.applyMbPerSecond = value("apply");
        in.writeMbPerSecond = value("write");
    } else {
        in.hops
            = {value("flush"), value("way"), value("standbyWrite"), value("standbyFlush"), value("replay")};
        in.standbyNames = m_names->text().trimmed();
    }
    m_model->setInputs(in);
}

QJsonObject ReplicaInputs::saveState() const
{
    QJsonObject state;
    for (const QDoubleSpinBox *field : findChildren<QDoubleSpinBox *>())
        state.insert(field->objectName(), field->value());
    if (m_names)
        state.insert(QStringLiteral("names"), m_names->text());
    return state;
}

void ReplicaInputs::restoreState(const QJsonObject &state)
{
    for (QDoubleSpinBox *field : findChildren<QDoubleSpinBox *>()) {
        if (state.contains(field->objectName()))
            field->setValue(state.value(field->objectName()).toDouble());
    }
    if (m_names)
        m_names->setText(state.value(QStringLiteral("names")).toString());
}

} // namespace tailscope::widgets
