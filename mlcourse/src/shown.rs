//! How what is fitted shows: as its table.

/// `shown!(FittedModel)`: prints and displays what its method `table` makes.
macro_rules! shown {
    ($($fitted:ty),* $(,)?) => {$(
        impl std::fmt::Display for $fitted {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.table().fmt(f)
            }
        }

        impl $crate::display::Display for $fitted {
            fn bundle(&self) -> $crate::display::MimeBundle {
                $crate::display::Display::bundle(&self.table())
            }
        }
    )*};
}

pub(crate) use shown;
