// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/poolwhatif.h"

#include <QVector>
#include <QWidget>

class QDoubleSpinBox;
class QLabel;
class QPushButton;
class QSlider;
class QTableView;

namespace tailscope::items {
class PoolModel;
}

namespace tailscope::widgets {

/// Sliders for size, instances, time held, arrivals and acquire limit, and what such a pool would do. They
/// begin as measured.
class PoolWhatIfPanel : public QWidget
{
    Q_OBJECT
public:
    enum Field { Size, Instances, Service, Rate, AcquireLimit, Fields };

    explicit PoolWhatIfPanel(items::PoolModel *model, QWidget *parent = nullptr);
    QDoubleSpinBox *box(Field field) const { return m_boxes[field]; }
    QSlider *slider(Field field) const { return m_sliders[field]; }
    QTableView *answers() const { return m_answers; }
    void reset(); ///< as measured

private:
    void takeValues();
    void showValues();

    items::PoolModel *m_model;
    QVector<QSlider *> m_sliders;
    QVector<QDoubleSpinBox *> m_boxes;
    QLabel *m_note;
    QPushButton *m_reset;
    QTableView *m_answers;
    bool m_filling = false;
};

} // namespace tailscope::widgets
