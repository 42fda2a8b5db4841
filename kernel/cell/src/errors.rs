//! What `?` makes of an error at the end of a cell, one type for each format that `:efmt` can choose.

macro_rules! user_error {
    ($($name:ident: $format_trait:ident $format:literal),* $(,)?) => {$(
        #[doc = concat!("Errors shown by `", $format, "`.")]
        pub mod $name {
            /// An error that has been told.
            pub struct EvcxrUserCodeError {}

            impl<T: std::fmt::$format_trait> From<T> for EvcxrUserCodeError {
                #[track_caller]
                fn from(error: T) -> Self {
                    crate::cell_failed(&format!($format, error));
                    Self {}
                }
            }
        }
    )*};
}

user_error! {
    display: Display "{}",
    debug: Debug "{:?}",
    pretty: Debug "{:#?}",
}
